-- Which link a customer came by, so that each link tells how many it brought.

alter table private.touches add column link_code text;
comment on column private.touches.link_code is 'of kind link: the link that the customer came by';
