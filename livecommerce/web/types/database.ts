// Generated from the migrated schema by `livecommerce types`. Do not edit.
// The shape is that of `supabase gen types typescript`, so this also types a Supabase client.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  public: {
    Tables: {
      audit_chain: {
        Row: {
          audit_id: number
          hash: string
          position: number
        }
        Insert: {
          audit_id: number
          hash: string
          position: number
        }
        Update: {
          audit_id?: number
          hash?: string
          position?: number
        }
        Relationships: []
      }
      audit_log: {
        Row: {
          action: string
          actor_role: string
          actor_user_id: string | null
          after: Json | null
          at: string
          before: Json | null
          id: number
          row_id: string | null
          table_name: string
          xid: unknown
        }
        Insert: {
          action: string
          actor_role: string
          actor_user_id?: string | null
          after?: Json | null
          at?: string
          before?: Json | null
          id?: never
          row_id?: string | null
          table_name: string
          xid?: unknown
        }
        Update: {
          action?: string
          actor_role?: string
          actor_user_id?: string | null
          after?: Json | null
          at?: string
          before?: Json | null
          id?: never
          row_id?: string | null
          table_name?: string
          xid?: unknown
        }
        Relationships: []
      }
      cart: {
        Row: {
          added_at: string | null
          customer_id: string
          deal_id: string | null
          id: string
          live_session_id: string | null
          product_id: string
          product_options: Json | null
          quantity: number
          selected_color: string | null
          selected_size: string | null
          total_price: number | null
          total_price_minor: number | null
          touched_at: string | null
          unit_price: number
          unit_price_minor: number | null
          updated_at: string | null
          variant_id: string
        }
        Insert: {
          added_at?: string | null
          customer_id: string
          deal_id?: string | null
          id?: string
          live_session_id?: string | null
          product_id: string
          product_options?: Json | null
          quantity?: number
          selected_color?: string | null
          selected_size?: string | null
          total_price?: never
          total_price_minor?: never
          touched_at?: string | null
          unit_price?: number
          unit_price_minor?: never
          updated_at?: string | null
          variant_id?: string
        }
        Update: {
          added_at?: string | null
          customer_id?: string
          deal_id?: string | null
          id?: string
          live_session_id?: string | null
          product_id?: string
          product_options?: Json | null
          quantity?: number
          selected_color?: string | null
          selected_size?: string | null
          total_price?: never
          total_price_minor?: never
          touched_at?: string | null
          unit_price?: number
          unit_price_minor?: never
          updated_at?: string | null
          variant_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "cart_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "cart_variant"
            columns: ["variant_id", "product_id"]
            isOneToOne: false
            referencedRelation: "product_variants"
            referencedColumns: ["id", "product_id"]
          },
        ]
      }
      categories: {
        Row: {
          created_at: string
          description: string | null
          display_order: number
          id: string
          image_url: string | null
          is_active: boolean
          name: string
          parent_category_id: string | null
          slug: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          display_order?: number
          id?: string
          image_url?: string | null
          is_active?: boolean
          name: string
          parent_category_id?: string | null
          slug: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          display_order?: number
          id?: string
          image_url?: string | null
          is_active?: boolean
          name?: string
          parent_category_id?: string | null
          slug?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "categories_parent_category_id_fkey"
            columns: ["parent_category_id"]
            isOneToOne: false
            referencedRelation: "categories"
            referencedColumns: ["id"]
          },
        ]
      }
      customers: {
        Row: {
          address_line_1: string | null
          address_line_2: string | null
          city: string | null
          country: string | null
          created_at: string | null
          customer_tier: string | null
          date_of_birth: string | null
          email: string
          first_name: string | null
          gender: string | null
          hold_policy: string | null
          id: string
          is_active: boolean | null
          last_name: string | null
          notification_preferences: Json | null
          payment_method_choice: string | null
          phone: string | null
          postal_code: string | null
          preferred_language: string | null
          state: string | null
          total_orders: number | null
          total_spent: number | null
          updated_at: string | null
          user_id: string
        }
        Insert: {
          address_line_1?: string | null
          address_line_2?: string | null
          city?: string | null
          country?: string | null
          created_at?: string | null
          customer_tier?: string | null
          date_of_birth?: string | null
          email: string
          first_name?: string | null
          gender?: string | null
          hold_policy?: string | null
          id?: string
          is_active?: boolean | null
          last_name?: string | null
          notification_preferences?: Json | null
          payment_method_choice?: string | null
          phone?: string | null
          postal_code?: string | null
          preferred_language?: string | null
          state?: string | null
          total_orders?: number | null
          total_spent?: number | null
          updated_at?: string | null
          user_id: string
        }
        Update: {
          address_line_1?: string | null
          address_line_2?: string | null
          city?: string | null
          country?: string | null
          created_at?: string | null
          customer_tier?: string | null
          date_of_birth?: string | null
          email?: string
          first_name?: string | null
          gender?: string | null
          hold_policy?: string | null
          id?: string
          is_active?: boolean | null
          last_name?: string | null
          notification_preferences?: Json | null
          payment_method_choice?: string | null
          phone?: string | null
          postal_code?: string | null
          preferred_language?: string | null
          state?: string | null
          total_orders?: number | null
          total_spent?: number | null
          updated_at?: string | null
          user_id?: string
        }
        Relationships: []
      }
      follows: {
        Row: {
          followed_at: string
          influencer_id: string
          is_notified: boolean
          user_id: string
        }
        Insert: {
          followed_at?: string
          influencer_id: string
          is_notified?: boolean
          user_id: string
        }
        Update: {
          followed_at?: string
          influencer_id?: string
          is_notified?: boolean
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "follows_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "follows_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      influencer_achievements: {
        Row: {
          achievement_type: string
          badge_color: string | null
          completed_at: string | null
          created_at: string
          criteria: Json
          description: string | null
          icon_name: string | null
          id: string
          influencer_id: string
          is_completed: boolean
          points_awarded: number
          progress_value: number
          target_value: number
          title: string
          updated_at: string
        }
        Insert: {
          achievement_type: string
          badge_color?: string | null
          completed_at?: string | null
          created_at?: string
          criteria?: Json
          description?: string | null
          icon_name?: string | null
          id?: string
          influencer_id: string
          is_completed?: boolean
          points_awarded?: number
          progress_value?: number
          target_value: number
          title: string
          updated_at?: string
        }
        Update: {
          achievement_type?: string
          badge_color?: string | null
          completed_at?: string | null
          created_at?: string
          criteria?: Json
          description?: string | null
          icon_name?: string | null
          id?: string
          influencer_id?: string
          is_completed?: boolean
          points_awarded?: number
          progress_value?: number
          target_value?: number
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "influencer_achievements_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_achievements_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      influencer_analytics: {
        Row: {
          average_order_value: number
          average_viewers: number
          average_watch_time: number
          conversion_rate: number
          created_at: string
          follower_growth_rate: number
          influencer_id: string
          new_followers: number
          peak_concurrent_viewers: number
          period_end: string
          period_start: string
          period_type: string
          returning_viewers: number
          total_earnings: number
          total_followers_end: number
          total_live_hours: number
          total_live_sessions: number
          total_orders: number
          total_sales: number
          total_viewers: number
          unique_viewers: number
          updated_at: string
        }
        Insert: {
          average_order_value?: number
          average_viewers?: number
          average_watch_time?: number
          conversion_rate?: number
          created_at?: string
          follower_growth_rate?: number
          influencer_id: string
          new_followers?: number
          peak_concurrent_viewers?: number
          period_end: string
          period_start: string
          period_type: string
          returning_viewers?: number
          total_earnings?: number
          total_followers_end?: number
          total_live_hours?: number
          total_live_sessions?: number
          total_orders?: number
          total_sales?: number
          total_viewers?: number
          unique_viewers?: number
          updated_at?: string
        }
        Update: {
          average_order_value?: number
          average_viewers?: number
          average_watch_time?: number
          conversion_rate?: number
          created_at?: string
          follower_growth_rate?: number
          influencer_id?: string
          new_followers?: number
          peak_concurrent_viewers?: number
          period_end?: string
          period_start?: string
          period_type?: string
          returning_viewers?: number
          total_earnings?: number
          total_followers_end?: number
          total_live_hours?: number
          total_live_sessions?: number
          total_orders?: number
          total_sales?: number
          total_viewers?: number
          unique_viewers?: number
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "influencer_analytics_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_analytics_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      influencer_earnings: {
        Row: {
          amount: number
          amount_minor: number | null
          commission_rate: number | null
          created_at: string
          description: string | null
          earned_at: string
          earning_type: string
          gross_sales: number | null
          id: string
          influencer_id: string
          live_session_id: string | null
          notes: string | null
          order_id: string | null
          order_item_id: string | null
          payment_date: string | null
          product_id: string | null
          status: string
          updated_at: string
        }
        Insert: {
          amount: number
          amount_minor?: never
          commission_rate?: number | null
          created_at?: string
          description?: string | null
          earned_at?: string
          earning_type: string
          gross_sales?: number | null
          id?: string
          influencer_id: string
          live_session_id?: string | null
          notes?: string | null
          order_id?: string | null
          order_item_id?: string | null
          payment_date?: string | null
          product_id?: string | null
          status?: string
          updated_at?: string
        }
        Update: {
          amount?: number
          amount_minor?: never
          commission_rate?: number | null
          created_at?: string
          description?: string | null
          earned_at?: string
          earning_type?: string
          gross_sales?: number | null
          id?: string
          influencer_id?: string
          live_session_id?: string | null
          notes?: string | null
          order_id?: string | null
          order_item_id?: string | null
          payment_date?: string | null
          product_id?: string | null
          status?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "influencer_earnings_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_item_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_items"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_earnings_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      influencer_goals: {
        Row: {
          completion_percentage: number | null
          created_at: string
          current_value: number
          end_date: string
          goal_type: string
          id: string
          influencer_id: string
          period_type: string
          start_date: string
          status: string
          target_value: number
          title: string
          unit: string | null
          updated_at: string
        }
        Insert: {
          completion_percentage?: never
          created_at?: string
          current_value?: number
          end_date: string
          goal_type: string
          id?: string
          influencer_id: string
          period_type?: string
          start_date: string
          status?: string
          target_value: number
          title: string
          unit?: string | null
          updated_at?: string
        }
        Update: {
          completion_percentage?: never
          created_at?: string
          current_value?: number
          end_date?: string
          goal_type?: string
          id?: string
          influencer_id?: string
          period_type?: string
          start_date?: string
          status?: string
          target_value?: number
          title?: string
          unit?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "influencer_goals_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_goals_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      influencer_settings: {
        Row: {
          auto_record: boolean
          chat_moderation_level: string
          created_at: string
          dashboard_theme: string
          email_notifications: boolean
          goal_period: string
          goal_reminder: boolean
          influencer_id: string
          notification_frequency: string
          preferred_currency: string
          profile_visibility: string
          push_notifications: boolean
          show_earnings: boolean
          show_follower_count: boolean
          sms_notifications: boolean
          stream_quality: string
          timezone: string
          updated_at: string
        }
        Insert: {
          auto_record?: boolean
          chat_moderation_level?: string
          created_at?: string
          dashboard_theme?: string
          email_notifications?: boolean
          goal_period?: string
          goal_reminder?: boolean
          influencer_id: string
          notification_frequency?: string
          preferred_currency?: string
          profile_visibility?: string
          push_notifications?: boolean
          show_earnings?: boolean
          show_follower_count?: boolean
          sms_notifications?: boolean
          stream_quality?: string
          timezone?: string
          updated_at?: string
        }
        Update: {
          auto_record?: boolean
          chat_moderation_level?: string
          created_at?: string
          dashboard_theme?: string
          email_notifications?: boolean
          goal_period?: string
          goal_reminder?: boolean
          influencer_id?: string
          notification_frequency?: string
          preferred_currency?: string
          profile_visibility?: string
          push_notifications?: boolean
          show_earnings?: boolean
          show_follower_count?: boolean
          sms_notifications?: boolean
          stream_quality?: string
          timezone?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "influencer_settings_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: true
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "influencer_settings_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: true
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      influencers: {
        Row: {
          average_session_duration: number | null
          bank_account_number: string | null
          bank_name: string | null
          bio: string | null
          category: string | null
          commission_rate: number | null
          created_at: string | null
          display_name: string | null
          email: string
          experience_years: number | null
          first_name: string | null
          followers_count: number | null
          gst_number: string | null
          id: string
          ifsc_code: string | null
          instagram_handle: string | null
          is_active: boolean | null
          is_verified: boolean | null
          last_name: string | null
          pan_number: string | null
          phone: string | null
          tiktok_handle: string | null
          total_earnings: number | null
          total_live_sessions: number | null
          total_viewers: number | null
          updated_at: string | null
          upi_id: string | null
          user_id: string
          verification_date: string | null
          verification_status: string | null
          youtube_channel: string | null
        }
        Insert: {
          average_session_duration?: number | null
          bank_account_number?: string | null
          bank_name?: string | null
          bio?: string | null
          category?: string | null
          commission_rate?: number | null
          created_at?: string | null
          display_name?: string | null
          email: string
          experience_years?: number | null
          first_name?: string | null
          followers_count?: number | null
          gst_number?: string | null
          id?: string
          ifsc_code?: string | null
          instagram_handle?: string | null
          is_active?: boolean | null
          is_verified?: boolean | null
          last_name?: string | null
          pan_number?: string | null
          phone?: string | null
          tiktok_handle?: string | null
          total_earnings?: number | null
          total_live_sessions?: number | null
          total_viewers?: number | null
          updated_at?: string | null
          upi_id?: string | null
          user_id: string
          verification_date?: string | null
          verification_status?: string | null
          youtube_channel?: string | null
        }
        Update: {
          average_session_duration?: number | null
          bank_account_number?: string | null
          bank_name?: string | null
          bio?: string | null
          category?: string | null
          commission_rate?: number | null
          created_at?: string | null
          display_name?: string | null
          email?: string
          experience_years?: number | null
          first_name?: string | null
          followers_count?: number | null
          gst_number?: string | null
          id?: string
          ifsc_code?: string | null
          instagram_handle?: string | null
          is_active?: boolean | null
          is_verified?: boolean | null
          last_name?: string | null
          pan_number?: string | null
          phone?: string | null
          tiktok_handle?: string | null
          total_earnings?: number | null
          total_live_sessions?: number | null
          total_viewers?: number | null
          updated_at?: string | null
          upi_id?: string | null
          user_id?: string
          verification_date?: string | null
          verification_status?: string | null
          youtube_channel?: string | null
        }
        Relationships: []
      }
      live_session_analytics: {
        Row: {
          average_concurrent_viewers: number
          average_connection_quality: number | null
          browser_breakdown: Json | null
          created_at: string
          device_breakdown: Json | null
          live_session_id: string
          messages_sent: number
          orders_placed: number
          peak_concurrent_viewers: number
          period_end: string
          period_start: string
          period_type: string
          products_clicked: number
          reactions_sent: number
          revenue_generated: number
          samples: number
          shares_count: number
          top_cities: Json | null
          top_countries: Json | null
          total_buffering_time_seconds: number
          total_disconnections: number
          viewers_joined: number
          viewers_left: number
          watch_time_ms: number
        }
        Insert: {
          average_concurrent_viewers?: number
          average_connection_quality?: number | null
          browser_breakdown?: Json | null
          created_at?: string
          device_breakdown?: Json | null
          live_session_id: string
          messages_sent?: number
          orders_placed?: number
          peak_concurrent_viewers?: number
          period_end: string
          period_start: string
          period_type: string
          products_clicked?: number
          reactions_sent?: number
          revenue_generated?: number
          samples?: number
          shares_count?: number
          top_cities?: Json | null
          top_countries?: Json | null
          total_buffering_time_seconds?: number
          total_disconnections?: number
          viewers_joined?: number
          viewers_left?: number
          watch_time_ms?: number
        }
        Update: {
          average_concurrent_viewers?: number
          average_connection_quality?: number | null
          browser_breakdown?: Json | null
          created_at?: string
          device_breakdown?: Json | null
          live_session_id?: string
          messages_sent?: number
          orders_placed?: number
          peak_concurrent_viewers?: number
          period_end?: string
          period_start?: string
          period_type?: string
          products_clicked?: number
          reactions_sent?: number
          revenue_generated?: number
          samples?: number
          shares_count?: number
          top_cities?: Json | null
          top_countries?: Json | null
          total_buffering_time_seconds?: number
          total_disconnections?: number
          viewers_joined?: number
          viewers_left?: number
          watch_time_ms?: number
        }
        Relationships: [
          {
            foreignKeyName: "live_session_analytics_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_analytics_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_analytics_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_analytics_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
        ]
      }
      live_session_chat: {
        Row: {
          deleted_at: string | null
          deleted_by: string | null
          deletion_reason: string | null
          edited_at: string | null
          id: string
          is_deleted: boolean
          is_flagged: boolean
          is_influencer: boolean
          is_moderator: boolean
          live_session_id: string
          message: string
          message_type: string
          parent_message_id: string | null
          reactions: Json
          sent_at: string
          user_id: string | null
          username: string | null
        }
        Insert: {
          deleted_at?: string | null
          deleted_by?: string | null
          deletion_reason?: string | null
          edited_at?: string | null
          id?: string
          is_deleted?: boolean
          is_flagged?: boolean
          is_influencer?: boolean
          is_moderator?: boolean
          live_session_id: string
          message: string
          message_type?: string
          parent_message_id?: string | null
          reactions?: Json
          sent_at?: string
          user_id?: string | null
          username?: string | null
        }
        Update: {
          deleted_at?: string | null
          deleted_by?: string | null
          deletion_reason?: string | null
          edited_at?: string | null
          id?: string
          is_deleted?: boolean
          is_flagged?: boolean
          is_influencer?: boolean
          is_moderator?: boolean
          live_session_id?: string
          message?: string
          message_type?: string
          parent_message_id?: string | null
          reactions?: Json
          sent_at?: string
          user_id?: string | null
          username?: string | null
        }
        Relationships: []
      }
      live_session_products: {
        Row: {
          claim_code: string | null
          clicks: number
          created_at: string
          display_order: number
          id: string
          is_featured: boolean
          live_session_id: string
          orders_generated: number | null
          pinned_at: string | null
          product_id: string
          revenue_generated: number | null
          special_price: number | null
          special_price_minor: number | null
        }
        Insert: {
          claim_code?: string | null
          clicks?: number
          created_at?: string
          display_order?: number
          id?: string
          is_featured?: boolean
          live_session_id: string
          orders_generated?: number | null
          pinned_at?: string | null
          product_id: string
          revenue_generated?: number | null
          special_price?: number | null
          special_price_minor?: never
        }
        Update: {
          claim_code?: string | null
          clicks?: number
          created_at?: string
          display_order?: number
          id?: string
          is_featured?: boolean
          live_session_id?: string
          orders_generated?: number | null
          pinned_at?: string | null
          product_id?: string
          revenue_generated?: number | null
          special_price?: number | null
          special_price_minor?: never
        }
        Relationships: [
          {
            foreignKeyName: "live_session_products_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_products_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_products_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_products_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_products_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_products_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      live_session_schedules: {
        Row: {
          category: string | null
          created_at: string
          days_of_week: number[] | null
          description: string | null
          end_time: string
          first_date: string
          id: string
          influencer_id: string
          is_promoted: boolean
          is_recurring: boolean
          made_until: string | null
          product_ids: string[]
          promotion_message: string | null
          recurrence_end_date: string | null
          recurrence_pattern: string | null
          start_time: string
          status: string
          target_audience: string | null
          thumbnail_url: string | null
          timezone: string
          title: string
          updated_at: string
        }
        Insert: {
          category?: string | null
          created_at?: string
          days_of_week?: number[] | null
          description?: string | null
          end_time: string
          first_date: string
          id?: string
          influencer_id: string
          is_promoted?: boolean
          is_recurring?: boolean
          made_until?: string | null
          product_ids?: string[]
          promotion_message?: string | null
          recurrence_end_date?: string | null
          recurrence_pattern?: string | null
          start_time: string
          status?: string
          target_audience?: string | null
          thumbnail_url?: string | null
          timezone?: string
          title: string
          updated_at?: string
        }
        Update: {
          category?: string | null
          created_at?: string
          days_of_week?: number[] | null
          description?: string | null
          end_time?: string
          first_date?: string
          id?: string
          influencer_id?: string
          is_promoted?: boolean
          is_recurring?: boolean
          made_until?: string | null
          product_ids?: string[]
          promotion_message?: string | null
          recurrence_end_date?: string | null
          recurrence_pattern?: string | null
          start_time?: string
          status?: string
          target_audience?: string | null
          thumbnail_url?: string | null
          timezone?: string
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "live_session_schedules_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_session_schedules_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      live_session_viewers: {
        Row: {
          browser: string | null
          buffering_time_seconds: number
          city: string | null
          connection_quality: string | null
          country: string | null
          device_type: string | null
          disconnections_count: number
          id: string
          is_returning: boolean
          joined_at: string
          left_at: string | null
          live_session_id: string
          messages_sent: number
          orders_placed: number
          products_clicked: number
          reactions_sent: number
          user_id: string | null
          viewer_type: string
          watch_duration_minutes: number
        }
        Insert: {
          browser?: string | null
          buffering_time_seconds?: number
          city?: string | null
          connection_quality?: string | null
          country?: string | null
          device_type?: string | null
          disconnections_count?: number
          id?: string
          is_returning?: boolean
          joined_at?: string
          left_at?: string | null
          live_session_id: string
          messages_sent?: number
          orders_placed?: number
          products_clicked?: number
          reactions_sent?: number
          user_id?: string | null
          viewer_type?: string
          watch_duration_minutes?: number
        }
        Update: {
          browser?: string | null
          buffering_time_seconds?: number
          city?: string | null
          connection_quality?: string | null
          country?: string | null
          device_type?: string | null
          disconnections_count?: number
          id?: string
          is_returning?: boolean
          joined_at?: string
          left_at?: string | null
          live_session_id?: string
          messages_sent?: number
          orders_placed?: number
          products_clicked?: number
          reactions_sent?: number
          user_id?: string | null
          viewer_type?: string
          watch_duration_minutes?: number
        }
        Relationships: []
      }
      live_sessions: {
        Row: {
          actual_start_time: string | null
          archived_at: string | null
          average_watch_time_minutes: number
          conversion_rate: number | null
          created_at: string
          description: string | null
          duration_minutes: number | null
          end_time: string | null
          hls_url: string | null
          hold_policy: string
          hold_ttl_s: number
          id: string
          influencer_id: string
          is_chat_enabled: boolean
          is_products_showcase: boolean
          is_recording_enabled: boolean
          max_viewers: number | null
          peak_viewers: number
          recording_url: string | null
          schedule_id: string | null
          scheduled_end_time: string | null
          scheduled_start_time: string | null
          session_code: string
          status: string
          stream_quality: string
          stream_url: string | null
          takes_claims: boolean
          thumbnail_url: string | null
          title: string
          total_clicks: number
          total_joins: number
          total_messages: number
          total_orders: number
          total_products_showcased: number | null
          total_reactions: number
          total_sales_generated: number | null
          total_shares: number
          total_unique_viewers: number
          total_watch_time_minutes: number
          updated_at: string
          visibility: string
        }
        Insert: {
          actual_start_time?: string | null
          archived_at?: string | null
          average_watch_time_minutes?: number
          conversion_rate?: number | null
          created_at?: string
          description?: string | null
          duration_minutes?: number | null
          end_time?: string | null
          hls_url?: string | null
          hold_policy?: string
          hold_ttl_s?: number
          id?: string
          influencer_id: string
          is_chat_enabled?: boolean
          is_products_showcase?: boolean
          is_recording_enabled?: boolean
          max_viewers?: number | null
          peak_viewers?: number
          recording_url?: string | null
          schedule_id?: string | null
          scheduled_end_time?: string | null
          scheduled_start_time?: string | null
          session_code?: string
          status?: string
          stream_quality?: string
          stream_url?: string | null
          takes_claims?: boolean
          thumbnail_url?: string | null
          title: string
          total_clicks?: number
          total_joins?: number
          total_messages?: number
          total_orders?: number
          total_products_showcased?: number | null
          total_reactions?: number
          total_sales_generated?: number | null
          total_shares?: number
          total_unique_viewers?: number
          total_watch_time_minutes?: number
          updated_at?: string
          visibility?: string
        }
        Update: {
          actual_start_time?: string | null
          archived_at?: string | null
          average_watch_time_minutes?: number
          conversion_rate?: number | null
          created_at?: string
          description?: string | null
          duration_minutes?: number | null
          end_time?: string | null
          hls_url?: string | null
          hold_policy?: string
          hold_ttl_s?: number
          id?: string
          influencer_id?: string
          is_chat_enabled?: boolean
          is_products_showcase?: boolean
          is_recording_enabled?: boolean
          max_viewers?: number | null
          peak_viewers?: number
          recording_url?: string | null
          schedule_id?: string | null
          scheduled_end_time?: string | null
          scheduled_start_time?: string | null
          session_code?: string
          status?: string
          stream_quality?: string
          stream_url?: string | null
          takes_claims?: boolean
          thumbnail_url?: string | null
          title?: string
          total_clicks?: number
          total_joins?: number
          total_messages?: number
          total_orders?: number
          total_products_showcased?: number | null
          total_reactions?: number
          total_sales_generated?: number | null
          total_shares?: number
          total_unique_viewers?: number
          total_watch_time_minutes?: number
          updated_at?: string
          visibility?: string
        }
        Relationships: [
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_sessions_schedule"
            columns: ["schedule_id"]
            isOneToOne: false
            referencedRelation: "live_session_schedules"
            referencedColumns: ["id"]
          },
        ]
      }
      notifications: {
        Row: {
          action_text: string | null
          action_url: string | null
          created_at: string
          deleted_at: string | null
          delivery_method: string
          id: string
          influencer_id: string | null
          is_deleted: boolean
          is_read: boolean
          is_sent: boolean
          live_session_id: string | null
          message: string
          priority: string
          read_at: string | null
          related_id: string | null
          related_type: string | null
          scheduled_for: string | null
          sent_at: string | null
          title: string
          type: string
          user_id: string
        }
        Insert: {
          action_text?: string | null
          action_url?: string | null
          created_at?: string
          deleted_at?: string | null
          delivery_method?: string
          id?: string
          influencer_id?: string | null
          is_deleted?: boolean
          is_read?: boolean
          is_sent?: boolean
          live_session_id?: string | null
          message: string
          priority?: string
          read_at?: string | null
          related_id?: string | null
          related_type?: string | null
          scheduled_for?: string | null
          sent_at?: string | null
          title: string
          type: string
          user_id: string
        }
        Update: {
          action_text?: string | null
          action_url?: string | null
          created_at?: string
          deleted_at?: string | null
          delivery_method?: string
          id?: string
          influencer_id?: string | null
          is_deleted?: boolean
          is_read?: boolean
          is_sent?: boolean
          live_session_id?: string | null
          message?: string
          priority?: string
          read_at?: string | null
          related_id?: string | null
          related_type?: string | null
          scheduled_for?: string | null
          sent_at?: string | null
          title?: string
          type?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "notifications_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "notifications_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "notifications_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "notifications_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "notifications_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "notifications_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: false
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
        ]
      }
      order_items: {
        Row: {
          attributed_at: string | null
          attribution_kind: string | null
          attribution_reason: string | null
          attribution_rule: number | null
          created_at: string
          deal_id: string | null
          discount: number
          hsn_code: string | null
          id: string
          influencer_commission: number | null
          influencer_id: string | null
          live_session_id: string | null
          order_id: string
          position: number
          product_id: string | null
          product_name: string
          product_sku: string | null
          product_snapshot: Json | null
          quantity: number
          quantity_cancelled: number
          quantity_delivered: number
          quantity_returned: number
          quantity_shipped: number
          selected_color: string | null
          selected_size: string | null
          tax_minor: number | null
          tax_rate: number
          taxable_minor: number | null
          total_price: number | null
          total_price_minor: number | null
          unit_price: number
          unit_price_minor: number | null
          variant_id: string | null
          variant_label: string | null
          wholesaler_commission: number | null
          wholesaler_id: string | null
        }
        Insert: {
          attributed_at?: string | null
          attribution_kind?: string | null
          attribution_reason?: string | null
          attribution_rule?: number | null
          created_at?: string
          deal_id?: string | null
          discount?: number
          hsn_code?: string | null
          id?: string
          influencer_commission?: number | null
          influencer_id?: string | null
          live_session_id?: string | null
          order_id: string
          position?: number
          product_id?: string | null
          product_name: string
          product_sku?: string | null
          product_snapshot?: Json | null
          quantity: number
          quantity_cancelled?: number
          quantity_delivered?: number
          quantity_returned?: number
          quantity_shipped?: number
          selected_color?: string | null
          selected_size?: string | null
          tax_minor?: number | null
          tax_rate?: number
          taxable_minor?: number | null
          total_price?: never
          total_price_minor?: never
          unit_price: number
          unit_price_minor?: never
          variant_id?: string | null
          variant_label?: string | null
          wholesaler_commission?: number | null
          wholesaler_id?: string | null
        }
        Update: {
          attributed_at?: string | null
          attribution_kind?: string | null
          attribution_reason?: string | null
          attribution_rule?: number | null
          created_at?: string
          deal_id?: string | null
          discount?: number
          hsn_code?: string | null
          id?: string
          influencer_commission?: number | null
          influencer_id?: string | null
          live_session_id?: string | null
          order_id?: string
          position?: number
          product_id?: string | null
          product_name?: string
          product_sku?: string | null
          product_snapshot?: Json | null
          quantity?: number
          quantity_cancelled?: number
          quantity_delivered?: number
          quantity_returned?: number
          quantity_shipped?: number
          selected_color?: string | null
          selected_size?: string | null
          tax_minor?: number | null
          tax_rate?: number
          taxable_minor?: number | null
          total_price?: never
          total_price_minor?: never
          unit_price?: number
          unit_price_minor?: never
          variant_id?: string | null
          variant_label?: string | null
          wholesaler_commission?: number | null
          wholesaler_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "order_items_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "order_items_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "order_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "order_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      orders: {
        Row: {
          actual_delivery_date: string | null
          allocation: string
          archived_at: string | null
          billing_address: Json | null
          buyer_gstin: string | null
          cancel_reason: string | null
          cancelled_at: string | null
          cod_fee: number
          coupon_code: string | null
          created_at: string
          customer_id: string | null
          discount_amount: number | null
          estimated_delivery_date: string | null
          id: string
          influencer_commission: number | null
          influencer_id: string | null
          internal_notes: string | null
          live_session_id: string | null
          notes: string | null
          order_number: string
          pay_until: string | null
          payment_gateway: string | null
          payment_method: string | null
          payment_reference: string | null
          payment_status: string
          place_of_supply: string | null
          shipping_address: Json
          shipping_cost: number | null
          shipping_method: string | null
          shipping_minor: number | null
          status: string
          subtotal: number
          subtotal_minor: number | null
          tax_amount: number | null
          total_amount: number
          total_minor: number | null
          tracking_number: string | null
          updated_at: string
        }
        Insert: {
          actual_delivery_date?: string | null
          allocation?: string
          archived_at?: string | null
          billing_address?: Json | null
          buyer_gstin?: string | null
          cancel_reason?: string | null
          cancelled_at?: string | null
          cod_fee?: number
          coupon_code?: string | null
          created_at?: string
          customer_id?: string | null
          discount_amount?: number | null
          estimated_delivery_date?: string | null
          id?: string
          influencer_commission?: number | null
          influencer_id?: string | null
          internal_notes?: string | null
          live_session_id?: string | null
          notes?: string | null
          order_number?: string
          pay_until?: string | null
          payment_gateway?: string | null
          payment_method?: string | null
          payment_reference?: string | null
          payment_status?: string
          place_of_supply?: string | null
          shipping_address: Json
          shipping_cost?: number | null
          shipping_method?: string | null
          shipping_minor?: never
          status?: string
          subtotal: number
          subtotal_minor?: never
          tax_amount?: number | null
          total_amount: number
          total_minor?: never
          tracking_number?: string | null
          updated_at?: string
        }
        Update: {
          actual_delivery_date?: string | null
          allocation?: string
          archived_at?: string | null
          billing_address?: Json | null
          buyer_gstin?: string | null
          cancel_reason?: string | null
          cancelled_at?: string | null
          cod_fee?: number
          coupon_code?: string | null
          created_at?: string
          customer_id?: string | null
          discount_amount?: number | null
          estimated_delivery_date?: string | null
          id?: string
          influencer_commission?: number | null
          influencer_id?: string | null
          internal_notes?: string | null
          live_session_id?: string | null
          notes?: string | null
          order_number?: string
          pay_until?: string | null
          payment_gateway?: string | null
          payment_method?: string | null
          payment_reference?: string | null
          payment_status?: string
          place_of_supply?: string | null
          shipping_address?: Json
          shipping_cost?: number | null
          shipping_method?: string | null
          shipping_minor?: never
          status?: string
          subtotal?: number
          subtotal_minor?: never
          tax_amount?: number | null
          total_amount?: number
          total_minor?: never
          tracking_number?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "orders_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "orders_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
        ]
      }
      product_stock: {
        Row: {
          on_hand: number
          product_id: string
          promises: number
          variant_id: string
        }
        Insert: {
          on_hand?: number
          product_id: string
          promises?: number
          variant_id: string
        }
        Update: {
          on_hand?: number
          product_id?: string
          promises?: number
          variant_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "product_stock_variant"
            columns: ["variant_id", "product_id"]
            isOneToOne: false
            referencedRelation: "product_variants"
            referencedColumns: ["id", "product_id"]
          },
        ]
      }
      product_translations: {
        Row: {
          created_at: string
          description: string | null
          locale: string
          meta_description: string | null
          meta_title: string | null
          name: string
          product_id: string
          short_description: string | null
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          locale: string
          meta_description?: string | null
          meta_title?: string | null
          name: string
          product_id: string
          short_description?: string | null
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          locale?: string
          meta_description?: string | null
          meta_title?: string | null
          name?: string
          product_id?: string
          short_description?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "product_translations_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "product_translations_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      product_variants: {
        Row: {
          color: string | null
          created_at: string
          id: string
          label: string
          options: Json | null
          position: number
          price: number | null
          price_minor: number | null
          product_id: string
          size: string | null
          sku: string | null
          updated_at: string
        }
        Insert: {
          color?: string | null
          created_at?: string
          id?: string
          label: string
          options?: Json | null
          position?: number
          price?: number | null
          price_minor?: never
          product_id: string
          size?: string | null
          sku?: string | null
          updated_at?: string
        }
        Update: {
          color?: string | null
          created_at?: string
          id?: string
          label?: string
          options?: Json | null
          position?: number
          price?: number | null
          price_minor?: never
          product_id?: string
          size?: string | null
          sku?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "product_variants_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "product_variants_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      products: {
        Row: {
          average_rating: number | null
          barcode: string | null
          brand: string | null
          category: string | null
          category_id: string | null
          color: string | null
          country_of_origin: string | null
          created_at: string | null
          description: string | null
          dimensions: Json | null
          discount_percentage: number | null
          hsn_code: string | null
          id: string
          images: Json | null
          importer: string | null
          is_active: boolean | null
          is_featured: boolean | null
          is_live_stream_eligible: boolean | null
          keywords: string[] | null
          max_stock_level: number | null
          meta_description: string | null
          meta_title: string | null
          min_stock_level: number | null
          name: string
          net_quantity: string | null
          retail_price: number
          retail_price_minor: number | null
          sale_price: number | null
          sale_price_minor: number | null
          short_description: string | null
          size: string | null
          sku: string | null
          status: string | null
          stock_quantity: number | null
          subcategory: string | null
          tags: string[] | null
          tax_rate: number
          total_reviews: number | null
          total_sales: number | null
          updated_at: string | null
          videos: Json | null
          weight: number | null
          wholesale_price: number
          wholesaler_id: string
        }
        Insert: {
          average_rating?: number | null
          barcode?: string | null
          brand?: string | null
          category?: string | null
          category_id?: string | null
          color?: string | null
          country_of_origin?: string | null
          created_at?: string | null
          description?: string | null
          dimensions?: Json | null
          discount_percentage?: number | null
          hsn_code?: string | null
          id?: string
          images?: Json | null
          importer?: string | null
          is_active?: boolean | null
          is_featured?: boolean | null
          is_live_stream_eligible?: boolean | null
          keywords?: string[] | null
          max_stock_level?: number | null
          meta_description?: string | null
          meta_title?: string | null
          min_stock_level?: number | null
          name: string
          net_quantity?: string | null
          retail_price: number
          retail_price_minor?: never
          sale_price?: number | null
          sale_price_minor?: never
          short_description?: string | null
          size?: string | null
          sku?: string | null
          status?: string | null
          stock_quantity?: number | null
          subcategory?: string | null
          tags?: string[] | null
          tax_rate?: number
          total_reviews?: number | null
          total_sales?: number | null
          updated_at?: string | null
          videos?: Json | null
          weight?: number | null
          wholesale_price: number
          wholesaler_id: string
        }
        Update: {
          average_rating?: number | null
          barcode?: string | null
          brand?: string | null
          category?: string | null
          category_id?: string | null
          color?: string | null
          country_of_origin?: string | null
          created_at?: string | null
          description?: string | null
          dimensions?: Json | null
          discount_percentage?: number | null
          hsn_code?: string | null
          id?: string
          images?: Json | null
          importer?: string | null
          is_active?: boolean | null
          is_featured?: boolean | null
          is_live_stream_eligible?: boolean | null
          keywords?: string[] | null
          max_stock_level?: number | null
          meta_description?: string | null
          meta_title?: string | null
          min_stock_level?: number | null
          name?: string
          net_quantity?: string | null
          retail_price?: number
          retail_price_minor?: never
          sale_price?: number | null
          sale_price_minor?: never
          short_description?: string | null
          size?: string | null
          sku?: string | null
          status?: string | null
          stock_quantity?: number | null
          subcategory?: string | null
          tags?: string[] | null
          tax_rate?: number
          total_reviews?: number | null
          total_sales?: number | null
          updated_at?: string | null
          videos?: Json | null
          weight?: number | null
          wholesale_price?: number
          wholesaler_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "products_category_id_fkey"
            columns: ["category_id"]
            isOneToOne: false
            referencedRelation: "categories"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "products_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesaler_product_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "products_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesalers"
            referencedColumns: ["id"]
          },
        ]
      }
      public_profiles: {
        Row: {
          bio: string | null
          category: string | null
          city: string | null
          followers_count: number | null
          id: string
          instagram_handle: string | null
          is_verified: boolean
          kind: string
          name: string
          state: string | null
          tiktok_handle: string | null
          updated_at: string
          youtube_channel: string | null
        }
        Insert: {
          bio?: string | null
          category?: string | null
          city?: string | null
          followers_count?: number | null
          id: string
          instagram_handle?: string | null
          is_verified: boolean
          kind: string
          name: string
          state?: string | null
          tiktok_handle?: string | null
          updated_at?: string
          youtube_channel?: string | null
        }
        Update: {
          bio?: string | null
          category?: string | null
          city?: string | null
          followers_count?: number | null
          id?: string
          instagram_handle?: string | null
          is_verified?: boolean
          kind?: string
          name?: string
          state?: string | null
          tiktok_handle?: string | null
          updated_at?: string
          youtube_channel?: string | null
        }
        Relationships: []
      }
      queries: {
        Row: {
          ack_due_at: string
          acknowledged_at: string | null
          assigned_to: string | null
          category: string
          closed_at: string | null
          created_at: string
          customer_email: string | null
          customer_id: string | null
          customer_phone: string | null
          escalated_at: string | null
          first_response_at: string | null
          id: string
          internal_notes: string | null
          message: string
          order_id: string | null
          priority: string
          redress_due_at: string
          resolution_time_hours: number | null
          resolved_at: string | null
          response: string | null
          status: string
          subject: string
          ticket_number: string
          updated_at: string | null
        }
        Insert: {
          ack_due_at: string
          acknowledged_at?: string | null
          assigned_to?: string | null
          category?: string
          closed_at?: string | null
          created_at?: string
          customer_email?: string | null
          customer_id?: string | null
          customer_phone?: string | null
          escalated_at?: string | null
          first_response_at?: string | null
          id?: string
          internal_notes?: string | null
          message: string
          order_id?: string | null
          priority?: string
          redress_due_at: string
          resolution_time_hours?: number | null
          resolved_at?: string | null
          response?: string | null
          status?: string
          subject: string
          ticket_number: string
          updated_at?: string | null
        }
        Update: {
          ack_due_at?: string
          acknowledged_at?: string | null
          assigned_to?: string | null
          category?: string
          closed_at?: string | null
          created_at?: string
          customer_email?: string | null
          customer_id?: string | null
          customer_phone?: string | null
          escalated_at?: string | null
          first_response_at?: string | null
          id?: string
          internal_notes?: string | null
          message?: string
          order_id?: string | null
          priority?: string
          redress_due_at?: string
          resolution_time_hours?: number | null
          resolved_at?: string | null
          response?: string | null
          status?: string
          subject?: string
          ticket_number?: string
          updated_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "queries_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "queries_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "queries_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "queries_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
        ]
      }
      query_messages: {
        Row: {
          author_kind: string
          author_user_id: string | null
          body: string
          created_at: string
          id: string
          query_id: string
        }
        Insert: {
          author_kind: string
          author_user_id?: string | null
          body: string
          created_at?: string
          id?: string
          query_id: string
        }
        Update: {
          author_kind?: string
          author_user_id?: string | null
          body?: string
          created_at?: string
          id?: string
          query_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "query_messages_query_id_fkey"
            columns: ["query_id"]
            isOneToOne: false
            referencedRelation: "queries"
            referencedColumns: ["id"]
          },
        ]
      }
      refunds: {
        Row: {
          amount: number
          amount_minor: number | null
          created_at: string
          id: string
          method: string
          order_id: string
          provider_reference: string | null
          reason: string | null
          return_id: string | null
          status: string
          updated_at: string
        }
        Insert: {
          amount: number
          amount_minor?: never
          created_at?: string
          id?: string
          method?: string
          order_id: string
          provider_reference?: string | null
          reason?: string | null
          return_id?: string | null
          status?: string
          updated_at?: string
        }
        Update: {
          amount?: number
          amount_minor?: never
          created_at?: string
          id?: string
          method?: string
          order_id?: string
          provider_reference?: string | null
          reason?: string | null
          return_id?: string | null
          status?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "refunds_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "refunds_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "refunds_return_id_fkey"
            columns: ["return_id"]
            isOneToOne: false
            referencedRelation: "returns"
            referencedColumns: ["id"]
          },
        ]
      }
      report_abandoned_carts_daily: {
        Row: {
          amount: number
          carts: number
          computed_at: string
          day: string
          lines: number
        }
        Insert: {
          amount: number
          carts: number
          computed_at: string
          day: string
          lines: number
        }
        Update: {
          amount?: number
          carts?: number
          computed_at?: string
          day?: string
          lines?: number
        }
        Relationships: []
      }
      report_influencer_monthly: {
        Row: {
          cancelled_amount: number
          computed_at: string
          earned_amount: number
          gross_amount: number
          influencer_id: string
          live_minutes: number
          live_sessions: number
          month: string
          net_amount: number | null
          new_followers: number
          orders: number
          refunded_amount: number
          viewers: number
        }
        Insert: {
          cancelled_amount: number
          computed_at: string
          earned_amount: number
          gross_amount: number
          influencer_id: string
          live_minutes: number
          live_sessions: number
          month: string
          net_amount?: never
          new_followers: number
          orders: number
          refunded_amount: number
          viewers: number
        }
        Update: {
          cancelled_amount?: number
          computed_at?: string
          earned_amount?: number
          gross_amount?: number
          influencer_id?: string
          live_minutes?: number
          live_sessions?: number
          month?: string
          net_amount?: never
          new_followers?: number
          orders?: number
          refunded_amount?: number
          viewers?: number
        }
        Relationships: [
          {
            foreignKeyName: "report_influencer_monthly_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_influencer_monthly_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      report_live_sessions: {
        Row: {
          cancelled_amount: number
          clicks: number
          computed_at: string
          day: string
          gross_amount: number
          influencer_id: string
          joins: number
          live_session_id: string
          messages: number
          minutes: number
          net_amount: number | null
          orders: number
          peak_viewers: number
          reactions: number
          refunded_amount: number
          title: string
          unique_viewers: number
        }
        Insert: {
          cancelled_amount: number
          clicks: number
          computed_at: string
          day: string
          gross_amount: number
          influencer_id: string
          joins: number
          live_session_id: string
          messages: number
          minutes: number
          net_amount?: never
          orders: number
          peak_viewers: number
          reactions: number
          refunded_amount: number
          title: string
          unique_viewers: number
        }
        Update: {
          cancelled_amount?: number
          clicks?: number
          computed_at?: string
          day?: string
          gross_amount?: number
          influencer_id?: string
          joins?: number
          live_session_id?: string
          messages?: number
          minutes?: number
          net_amount?: never
          orders?: number
          peak_viewers?: number
          reactions?: number
          refunded_amount?: number
          title?: string
          unique_viewers?: number
        }
        Relationships: [
          {
            foreignKeyName: "report_live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_live_sessions_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: true
            referencedRelation: "live_session_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_live_sessions_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: true
            referencedRelation: "live_sessions"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_live_sessions_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: true
            referencedRelation: "live_sessions_with_influencer"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_live_sessions_live_session_id_fkey"
            columns: ["live_session_id"]
            isOneToOne: true
            referencedRelation: "upcoming_live_sessions"
            referencedColumns: ["id"]
          },
        ]
      }
      report_sales_daily: {
        Row: {
          cancelled_amount: number
          cancelled_orders: number
          computed_at: string
          customers: number
          day: string
          gross_amount: number
          live_amount: number
          net_amount: number | null
          orders: number
          pieces: number
          refunded_amount: number
          shipping_amount: number
        }
        Insert: {
          cancelled_amount: number
          cancelled_orders: number
          computed_at: string
          customers: number
          day: string
          gross_amount: number
          live_amount: number
          net_amount?: never
          orders: number
          pieces: number
          refunded_amount: number
          shipping_amount: number
        }
        Update: {
          cancelled_amount?: number
          cancelled_orders?: number
          computed_at?: string
          customers?: number
          day?: string
          gross_amount?: number
          live_amount?: number
          net_amount?: never
          orders?: number
          pieces?: number
          refunded_amount?: number
          shipping_amount?: number
        }
        Relationships: []
      }
      report_support_monthly: {
        Row: {
          acknowledged: number
          acknowledged_in_time: number
          category: string
          computed_at: string
          escalated: number
          first_response_hours_median: number | null
          first_response_hours_p90: number | null
          month: string
          opened: number
          resolution_hours_median: number | null
          resolution_hours_p90: number | null
          resolved: number
          resolved_in_time: number
        }
        Insert: {
          acknowledged: number
          acknowledged_in_time: number
          category: string
          computed_at: string
          escalated: number
          first_response_hours_median?: number | null
          first_response_hours_p90?: number | null
          month: string
          opened: number
          resolution_hours_median?: number | null
          resolution_hours_p90?: number | null
          resolved: number
          resolved_in_time: number
        }
        Update: {
          acknowledged?: number
          acknowledged_in_time?: number
          category?: string
          computed_at?: string
          escalated?: number
          first_response_hours_median?: number | null
          first_response_hours_p90?: number | null
          month?: string
          opened?: number
          resolution_hours_median?: number | null
          resolution_hours_p90?: number | null
          resolved?: number
          resolved_in_time?: number
        }
        Relationships: []
      }
      report_wholesaler_monthly: {
        Row: {
          cancelled_amount: number
          commission_amount: number
          computed_at: string
          gross_amount: number
          month: string
          net_amount: number | null
          orders: number
          pieces: number
          refunded_amount: number
          wholesaler_id: string
        }
        Insert: {
          cancelled_amount: number
          commission_amount: number
          computed_at: string
          gross_amount: number
          month: string
          net_amount?: never
          orders: number
          pieces: number
          refunded_amount: number
          wholesaler_id: string
        }
        Update: {
          cancelled_amount?: number
          commission_amount?: number
          computed_at?: string
          gross_amount?: number
          month?: string
          net_amount?: never
          orders?: number
          pieces?: number
          refunded_amount?: number
          wholesaler_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "report_wholesaler_monthly_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesaler_product_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "report_wholesaler_monthly_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesalers"
            referencedColumns: ["id"]
          },
        ]
      }
      return_items: {
        Row: {
          id: string
          is_restocked: boolean
          order_item_id: string
          quantity: number
          quantity_received: number
          return_id: string
        }
        Insert: {
          id?: string
          is_restocked?: boolean
          order_item_id: string
          quantity: number
          quantity_received?: number
          return_id: string
        }
        Update: {
          id?: string
          is_restocked?: boolean
          order_item_id?: string
          quantity?: number
          quantity_received?: number
          return_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "return_items_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_item_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "return_items_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_items"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "return_items_return_id_fkey"
            columns: ["return_id"]
            isOneToOne: false
            referencedRelation: "returns"
            referencedColumns: ["id"]
          },
        ]
      }
      returns: {
        Row: {
          comment: string | null
          created_at: string
          customer_id: string
          decided_at: string | null
          id: string
          order_id: string
          reason: string
          received_at: string | null
          return_number: string
          status: string
          updated_at: string
        }
        Insert: {
          comment?: string | null
          created_at?: string
          customer_id: string
          decided_at?: string | null
          id?: string
          order_id: string
          reason: string
          received_at?: string | null
          return_number: string
          status?: string
          updated_at?: string
        }
        Update: {
          comment?: string | null
          created_at?: string
          customer_id?: string
          decided_at?: string | null
          id?: string
          order_id?: string
          reason?: string
          received_at?: string | null
          return_number?: string
          status?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "returns_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "returns_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "returns_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "returns_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
        ]
      }
      reviews: {
        Row: {
          author_name: string
          body: string | null
          created_at: string
          customer_id: string
          hidden_reason: string | null
          id: string
          images: Json | null
          is_verified_purchase: boolean
          order_item_id: string | null
          product_id: string
          rating: number
          replied_at: string | null
          reply: string | null
          status: string
          title: string | null
          updated_at: string
        }
        Insert: {
          author_name?: string
          body?: string | null
          created_at?: string
          customer_id: string
          hidden_reason?: string | null
          id?: string
          images?: Json | null
          is_verified_purchase?: boolean
          order_item_id?: string | null
          product_id: string
          rating: number
          replied_at?: string | null
          reply?: string | null
          status?: string
          title?: string | null
          updated_at?: string
        }
        Update: {
          author_name?: string
          body?: string | null
          created_at?: string
          customer_id?: string
          hidden_reason?: string | null
          id?: string
          images?: Json | null
          is_verified_purchase?: boolean
          order_item_id?: string | null
          product_id?: string
          rating?: number
          replied_at?: string | null
          reply?: string | null
          status?: string
          title?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "reviews_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "reviews_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "reviews_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_item_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "reviews_order_item_id_fkey"
            columns: ["order_item_id"]
            isOneToOne: false
            referencedRelation: "order_items"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "reviews_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "reviews_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      staff_notes: {
        Row: {
          about: string
          about_id: string
          author_user_id: string | null
          body: string
          created_at: string
          id: string
        }
        Insert: {
          about: string
          about_id: string
          author_user_id?: string | null
          body: string
          created_at?: string
          id?: string
        }
        Update: {
          about?: string
          about_id?: string
          author_user_id?: string | null
          body?: string
          created_at?: string
          id?: string
        }
        Relationships: []
      }
      wholesalers: {
        Row: {
          bank_account_number: string | null
          bank_branch: string | null
          bank_name: string | null
          business_address_line_1: string | null
          business_address_line_2: string | null
          business_name: string
          business_registration_number: string | null
          business_type: string | null
          city: string | null
          commission_rate: number | null
          contact_person_name: string | null
          country: string | null
          created_at: string | null
          email: string
          gst_number: string | null
          id: string
          ifsc_code: string | null
          is_active: boolean | null
          is_verified: boolean | null
          pan_number: string | null
          phone: string | null
          postal_code: string | null
          state: string | null
          total_products: number | null
          total_sales: number | null
          updated_at: string | null
          user_id: string
          verification_date: string | null
          verification_status: string | null
        }
        Insert: {
          bank_account_number?: string | null
          bank_branch?: string | null
          bank_name?: string | null
          business_address_line_1?: string | null
          business_address_line_2?: string | null
          business_name: string
          business_registration_number?: string | null
          business_type?: string | null
          city?: string | null
          commission_rate?: number | null
          contact_person_name?: string | null
          country?: string | null
          created_at?: string | null
          email: string
          gst_number?: string | null
          id?: string
          ifsc_code?: string | null
          is_active?: boolean | null
          is_verified?: boolean | null
          pan_number?: string | null
          phone?: string | null
          postal_code?: string | null
          state?: string | null
          total_products?: number | null
          total_sales?: number | null
          updated_at?: string | null
          user_id: string
          verification_date?: string | null
          verification_status?: string | null
        }
        Update: {
          bank_account_number?: string | null
          bank_branch?: string | null
          bank_name?: string | null
          business_address_line_1?: string | null
          business_address_line_2?: string | null
          business_name?: string
          business_registration_number?: string | null
          business_type?: string | null
          city?: string | null
          commission_rate?: number | null
          contact_person_name?: string | null
          country?: string | null
          created_at?: string | null
          email?: string
          gst_number?: string | null
          id?: string
          ifsc_code?: string | null
          is_active?: boolean | null
          is_verified?: boolean | null
          pan_number?: string | null
          phone?: string | null
          postal_code?: string | null
          state?: string | null
          total_products?: number | null
          total_sales?: number | null
          updated_at?: string | null
          user_id?: string
          verification_date?: string | null
          verification_status?: string | null
        }
        Relationships: []
      }
      wishlist: {
        Row: {
          added_at: string
          customer_id: string
          id: string
          product_id: string
        }
        Insert: {
          added_at?: string
          customer_id: string
          id?: string
          product_id: string
        }
        Update: {
          added_at?: string
          customer_id?: string
          id?: string
          product_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "wishlist_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customer_order_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "wishlist_customer_id_fkey"
            columns: ["customer_id"]
            isOneToOne: false
            referencedRelation: "customers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "wishlist_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "product_catalog"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "wishlist_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Views: {
      customer_order_summary: {
        Row: {
          email: string | null
          first_name: string | null
          id: string | null
          last_name: string | null
          last_order_date: string | null
          total_orders: number | null
          total_spent: number | null
        }
        Relationships: []
      }
      influencer_summary: {
        Row: {
          average_session_duration: number | null
          commission_rate: number | null
          display_name: string | null
          email: string | null
          followers_count: number | null
          id: string | null
          is_on_air: boolean | null
          is_verified: boolean | null
          peak_viewers: number | null
          sessions_last_30_days: number | null
          total_earnings: number | null
          total_live_sessions: number | null
          total_viewers: number | null
        }
        Insert: {
          average_session_duration?: number | null
          commission_rate?: number | null
          display_name?: string | null
          email?: string | null
          followers_count?: number | null
          id?: string | null
          is_on_air?: never
          is_verified?: boolean | null
          peak_viewers?: never
          sessions_last_30_days?: never
          total_earnings?: number | null
          total_live_sessions?: number | null
          total_viewers?: number | null
        }
        Update: {
          average_session_duration?: number | null
          commission_rate?: number | null
          display_name?: string | null
          email?: string | null
          followers_count?: number | null
          id?: string | null
          is_on_air?: never
          is_verified?: boolean | null
          peak_viewers?: never
          sessions_last_30_days?: never
          total_earnings?: number | null
          total_live_sessions?: number | null
          total_viewers?: number | null
        }
        Relationships: []
      }
      live_session_summary: {
        Row: {
          actual_start_time: string | null
          average_order_value: number | null
          average_watch_time_minutes: number | null
          conversion_rate: number | null
          duration_minutes: number | null
          end_time: string | null
          id: string | null
          influencer_id: string | null
          peak_viewers: number | null
          status: string | null
          title: string | null
          total_clicks: number | null
          total_joins: number | null
          total_messages: number | null
          total_orders: number | null
          total_reactions: number | null
          total_sales_generated: number | null
          total_unique_viewers: number | null
        }
        Insert: {
          actual_start_time?: string | null
          average_order_value?: never
          average_watch_time_minutes?: number | null
          conversion_rate?: number | null
          duration_minutes?: number | null
          end_time?: string | null
          id?: string | null
          influencer_id?: string | null
          peak_viewers?: number | null
          status?: string | null
          title?: string | null
          total_clicks?: number | null
          total_joins?: number | null
          total_messages?: number | null
          total_orders?: number | null
          total_reactions?: number | null
          total_sales_generated?: number | null
          total_unique_viewers?: number | null
        }
        Update: {
          actual_start_time?: string | null
          average_order_value?: never
          average_watch_time_minutes?: number | null
          conversion_rate?: number | null
          duration_minutes?: number | null
          end_time?: string | null
          id?: string | null
          influencer_id?: string | null
          peak_viewers?: number | null
          status?: string | null
          title?: string | null
          total_clicks?: number | null
          total_joins?: number | null
          total_messages?: number | null
          total_orders?: number | null
          total_reactions?: number | null
          total_sales_generated?: number | null
          total_unique_viewers?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      live_sessions_with_influencer: {
        Row: {
          actual_start_time: string | null
          description: string | null
          duration_minutes: number | null
          end_time: string | null
          followers_count: number | null
          id: string | null
          influencer_id: string | null
          influencer_is_verified: boolean | null
          influencer_name: string | null
          peak_viewers: number | null
          scheduled_end_time: string | null
          scheduled_start_time: string | null
          session_code: string | null
          status: string | null
          thumbnail_url: string | null
          title: string | null
          total_unique_viewers: number | null
          visibility: string | null
        }
        Relationships: [
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      order_item_money: {
        Row: {
          currency: string | null
          id: string | null
          influencer_commission_minor: number | null
          order_id: string | null
          total_price_minor: number | null
          unit_price_minor: number | null
          wholesaler_commission_minor: number | null
        }
        Insert: {
          currency?: never
          id?: string | null
          influencer_commission_minor?: never
          order_id?: string | null
          total_price_minor?: number | null
          unit_price_minor?: number | null
          wholesaler_commission_minor?: never
        }
        Update: {
          currency?: never
          id?: string | null
          influencer_commission_minor?: never
          order_id?: string | null
          total_price_minor?: number | null
          unit_price_minor?: number | null
          wholesaler_commission_minor?: never
        }
        Relationships: [
          {
            foreignKeyName: "order_items_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "order_money"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "order_items_order_id_fkey"
            columns: ["order_id"]
            isOneToOne: false
            referencedRelation: "orders"
            referencedColumns: ["id"]
          },
        ]
      }
      order_money: {
        Row: {
          currency: string | null
          discount_minor: number | null
          id: string | null
          influencer_commission_minor: number | null
          order_number: string | null
          shipping_minor: number | null
          subtotal_minor: number | null
          tax_minor: number | null
          total_minor: number | null
        }
        Insert: {
          currency?: never
          discount_minor?: never
          id?: string | null
          influencer_commission_minor?: never
          order_number?: string | null
          shipping_minor?: number | null
          subtotal_minor?: number | null
          tax_minor?: never
          total_minor?: number | null
        }
        Update: {
          currency?: never
          discount_minor?: never
          id?: string | null
          influencer_commission_minor?: never
          order_number?: string | null
          shipping_minor?: number | null
          subtotal_minor?: number | null
          tax_minor?: never
          total_minor?: number | null
        }
        Relationships: []
      }
      product_catalog: {
        Row: {
          average_rating: number | null
          brand: string | null
          category: string | null
          category_id: string | null
          compare_at_price: number | null
          created_at: string | null
          id: string | null
          image_url: string | null
          name: string | null
          price: number | null
          short_description: string | null
          sku: string | null
          status: string | null
          stock_quantity: number | null
          subcategory: string | null
          total_reviews: number | null
          total_sales: number | null
          wholesaler_id: string | null
          wholesaler_name: string | null
        }
        Relationships: [
          {
            foreignKeyName: "products_category_id_fkey"
            columns: ["category_id"]
            isOneToOne: false
            referencedRelation: "categories"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "products_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesaler_product_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "products_wholesaler_id_fkey"
            columns: ["wholesaler_id"]
            isOneToOne: false
            referencedRelation: "wholesalers"
            referencedColumns: ["id"]
          },
        ]
      }
      upcoming_live_sessions: {
        Row: {
          actual_start_time: string | null
          description: string | null
          duration_minutes: number | null
          end_time: string | null
          followers_count: number | null
          id: string | null
          influencer_id: string | null
          influencer_is_verified: boolean | null
          influencer_name: string | null
          peak_viewers: number | null
          scheduled_end_time: string | null
          scheduled_start_time: string | null
          session_code: string | null
          status: string | null
          thumbnail_url: string | null
          title: string | null
          total_unique_viewers: number | null
          visibility: string | null
        }
        Relationships: [
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencer_summary"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "live_sessions_influencer_id_fkey"
            columns: ["influencer_id"]
            isOneToOne: false
            referencedRelation: "influencers"
            referencedColumns: ["id"]
          },
        ]
      }
      wholesaler_product_summary: {
        Row: {
          active_products: number | null
          average_price: number | null
          business_name: string | null
          email: string | null
          id: string | null
          total_products: number | null
        }
        Relationships: []
      }
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type Schemas = Omit<Database, "__InternalSupabase">

type DefaultSchema = Schemas[Extract<keyof Database, "public">]

export type Tables<
  NameOrSchema extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof Schemas },
  Name extends NameOrSchema extends { schema: keyof Schemas }
    ? keyof (Schemas[NameOrSchema["schema"]]["Tables"] & Schemas[NameOrSchema["schema"]]["Views"])
    : never = never,
> = NameOrSchema extends { schema: keyof Schemas }
  ? (Schemas[NameOrSchema["schema"]]["Tables"] & Schemas[NameOrSchema["schema"]]["Views"])[Name] extends {
      Row: infer Found
    }
    ? Found
    : never
  : NameOrSchema extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[NameOrSchema] extends {
      Row: infer Found
    }
    ? Found
    : never
    : never

export type TablesInsert<
  NameOrSchema extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof Schemas },
  Name extends NameOrSchema extends { schema: keyof Schemas }
    ? keyof Schemas[NameOrSchema["schema"]]["Tables"]
    : never = never,
> = NameOrSchema extends { schema: keyof Schemas }
  ? Schemas[NameOrSchema["schema"]]["Tables"][Name] extends {
      Insert: infer Found
    }
    ? Found
    : never
  : NameOrSchema extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][NameOrSchema] extends {
      Insert: infer Found
    }
    ? Found
    : never
    : never

export type TablesUpdate<
  NameOrSchema extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof Schemas },
  Name extends NameOrSchema extends { schema: keyof Schemas }
    ? keyof Schemas[NameOrSchema["schema"]]["Tables"]
    : never = never,
> = NameOrSchema extends { schema: keyof Schemas }
  ? Schemas[NameOrSchema["schema"]]["Tables"][Name] extends {
      Update: infer Found
    }
    ? Found
    : never
  : NameOrSchema extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][NameOrSchema] extends {
      Update: infer Found
    }
    ? Found
    : never
    : never

export type Enums<
  NameOrSchema extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof Schemas },
  Name extends NameOrSchema extends { schema: keyof Schemas }
    ? keyof Schemas[NameOrSchema["schema"]]["Enums"]
    : never = never,
> = NameOrSchema extends { schema: keyof Schemas }
  ? Schemas[NameOrSchema["schema"]]["Enums"][Name]
  : NameOrSchema extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][NameOrSchema]
    : never

export type CompositeTypes<
  NameOrSchema extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof Schemas },
  Name extends NameOrSchema extends { schema: keyof Schemas }
    ? keyof Schemas[NameOrSchema["schema"]]["CompositeTypes"]
    : never = never,
> = NameOrSchema extends { schema: keyof Schemas }
  ? Schemas[NameOrSchema["schema"]]["CompositeTypes"][Name]
  : NameOrSchema extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][NameOrSchema]
    : never

export const Constants = {
  public: {
    Enums: {},
  },
} as const

// From here on beyond Supabase's shape: a row of each table and view, and the words that the check
// constraints allow.

export type AuditChain = Tables<"audit_chain">
export type AuditLog = Tables<"audit_log">
export type CartItem = Tables<"cart">
export type Category = Tables<"categories">
export type Customer = Tables<"customers">
export type Follow = Tables<"follows">
export type InfluencerAchievement = Tables<"influencer_achievements">
export type InfluencerAnalytics = Tables<"influencer_analytics">
export type InfluencerEarning = Tables<"influencer_earnings">
export type InfluencerGoal = Tables<"influencer_goals">
export type InfluencerSettings = Tables<"influencer_settings">
export type Influencer = Tables<"influencers">
export type LiveSessionAnalytics = Tables<"live_session_analytics">
export type LiveSessionChat = Tables<"live_session_chat">
export type LiveSessionProduct = Tables<"live_session_products">
export type LiveSessionSchedule = Tables<"live_session_schedules">
export type LiveSessionViewer = Tables<"live_session_viewers">
export type LiveSession = Tables<"live_sessions">
export type Notification = Tables<"notifications">
export type OrderItem = Tables<"order_items">
export type Order = Tables<"orders">
export type ProductStock = Tables<"product_stock">
export type ProductTranslation = Tables<"product_translations">
export type ProductVariant = Tables<"product_variants">
export type Product = Tables<"products">
export type PublicProfile = Tables<"public_profiles">
export type Query = Tables<"queries">
export type QueryMessage = Tables<"query_messages">
export type Refund = Tables<"refunds">
export type ReportAbandonedCartsDaily = Tables<"report_abandoned_carts_daily">
export type ReportInfluencerMonthly = Tables<"report_influencer_monthly">
export type ReportLiveSession = Tables<"report_live_sessions">
export type ReportSalesDaily = Tables<"report_sales_daily">
export type ReportSupportMonthly = Tables<"report_support_monthly">
export type ReportWholesalerMonthly = Tables<"report_wholesaler_monthly">
export type ReturnItem = Tables<"return_items">
export type Return = Tables<"returns">
export type Review = Tables<"reviews">
export type StaffNote = Tables<"staff_notes">
export type Wholesaler = Tables<"wholesalers">
export type WishlistItem = Tables<"wishlist">
export type CustomerOrderSummary = Tables<"customer_order_summary">
export type InfluencerSummary = Tables<"influencer_summary">
export type LiveSessionSummary = Tables<"live_session_summary">
export type LiveSessionsWithInfluencer = Tables<"live_sessions_with_influencer">
export type OrderItemMoney = Tables<"order_item_money">
export type OrderMoney = Tables<"order_money">
export type ProductCatalog = Tables<"product_catalog">
export type UpcomingLiveSession = Tables<"upcoming_live_sessions">
export type WholesalerProductSummary = Tables<"wholesaler_product_summary">

export type CustomerTier = "bronze" | "silver" | "gold" | "platinum"
export type CustomerGender = "male" | "female" | "other"
export type InfluencerAnalyticsPeriodType = "daily" | "weekly" | "monthly"
export type InfluencerEarningStatus =
  | "pending"
  | "processed"
  | "paid"
  | "disputed"
export type InfluencerGoalType =
  | "live_sessions"
  | "earnings"
  | "followers"
  | "sales"
export type InfluencerGoalPeriodType =
  | "weekly"
  | "monthly"
  | "quarterly"
  | "yearly"
export type InfluencerGoalStatus = "active" | "completed" | "failed" | "paused"
export type InfluencerSettingsChatModerationLevel =
  | "none"
  | "low"
  | "medium"
  | "high"
export type InfluencerSettingsDashboardTheme = "light" | "dark" | "auto"
export type InfluencerSettingsGoalPeriod =
  | "weekly"
  | "monthly"
  | "quarterly"
  | "yearly"
export type InfluencerSettingsNotificationFrequency =
  | "instant"
  | "daily"
  | "weekly"
export type InfluencerSettingsProfileVisibility =
  | "public"
  | "private"
  | "followers_only"
export type InfluencerSettingsStreamQuality =
  | "low"
  | "medium"
  | "high"
  | "ultra"
export type InfluencerVerificationStatus = "pending" | "verified" | "rejected"
export type LiveSessionAnalyticsPeriodType = "minute" | "hour" | "day"
export type LiveSessionChatMessageType =
  | "chat"
  | "reaction"
  | "system"
  | "product_highlight"
export type LiveSessionScheduleRecurrencePattern =
  | "daily"
  | "weekly"
  | "monthly"
  | "custom"
export type LiveSessionScheduleStatus =
  | "scheduled"
  | "confirmed"
  | "cancelled"
  | "completed"
export type LiveSessionViewerType =
  | "customer"
  | "influencer"
  | "wholesaler"
  | "admin"
  | "anonymous"
export type LiveSessionStatus =
  | "scheduled"
  | "live"
  | "paused"
  | "ended"
  | "cancelled"
  | "error"
export type LiveSessionVisibility = "public" | "unlisted" | "private"
export type NotificationDeliveryMethod = "in_app" | "email" | "sms" | "push"
export type NotificationPriority = "low" | "normal" | "high" | "urgent"
export type NotificationType =
  | "live_session_starting"
  | "live_session_reminder"
  | "live_session_ended"
  | "followed_influencer_live"
  | "product_featured"
  | "special_offer"
  | "order_update"
  | "low_stock"
  | "support_reply"
  | "return_update"
  | "earning"
  | "achievement"
  | "system"
export type OrderPaymentStatus =
  | "pending"
  | "paid"
  | "failed"
  | "refunded"
  | "partially_refunded"
export type OrderStatus =
  | "pending"
  | "confirmed"
  | "processing"
  | "shipped"
  | "delivered"
  | "cancelled"
  | "refunded"
export type ProductStatus =
  | "active"
  | "inactive"
  | "out_of_stock"
  | "discontinued"
export type PublicProfileKind = "influencer" | "wholesaler"
export type QueryCategory =
  | "general"
  | "order"
  | "product"
  | "payment"
  | "shipping"
  | "technical"
  | "complaint"
export type QueryPriority = "low" | "medium" | "high" | "urgent"
export type QueryStatus =
  | "open"
  | "in_progress"
  | "resolved"
  | "closed"
  | "escalated"
export type QueryMessageAuthorKind = "customer" | "support"
export type RefundMethod = "original" | "bank" | "upi" | "store_credit"
export type RefundStatus = "pending" | "succeeded" | "failed"
export type ReturnReason =
  | "damaged"
  | "wrong_item"
  | "not_as_described"
  | "does_not_fit"
  | "changed_mind"
  | "other"
export type ReturnStatus =
  | "requested"
  | "approved"
  | "rejected"
  | "received"
  | "refunded"
  | "cancelled"
export type ReviewStatus = "published" | "hidden"
export type StaffNoteAbout = "order" | "query"
export type WholesalerVerificationStatus = "pending" | "verified" | "rejected"
